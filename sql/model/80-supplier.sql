-- Suppliers, and what is to be ordered from them.
CREATE OR REPLACE VIEW hub.supplier WITH (security_barrier) AS
SELECT u.brand, u.supplier_id, u.supplier_name,
       CASE WHEN momentum.may_see_personal(u.brand) THEN u.contact_name ELSE momentum.mask_name(u.contact_name) END AS contact_name,
       CASE WHEN momentum.may_see_personal(u.brand) THEN u.email ELSE momentum.mask_email(u.email) END AS email,
       CASE WHEN momentum.may_see_personal(u.brand) THEN u.phone ELSE momentum.mask_phone(u.phone) END AS phone,
       u.lead_time_days::bigint AS lead_time_days, u.minimum_order_quantity,
       u.minimum_order_amount::numeric(18,2) AS minimum_order_amount, coalesce(u.currency, b.currency) AS currency, u.active,
       CASE WHEN momentum.may_see_personal(u.brand) THEN u.notes END AS notes,
       (SELECT count(*) FROM hub.product_settings e
         WHERE e.brand = u.brand AND e.primary_supplier = u.supplier_id) AS products,
       u.loaded_at AS as_of
  FROM hub.suppliers u
  JOIN momentum_state.brand b ON b.brand = u.brand
 WHERE momentum.may_see(u.brand);
COMMENT ON VIEW hub.supplier IS 'Suppliers: who they are, how long they take, what they take an order for. What to order from them is in hub.product_stock.';
COMMENT ON COLUMN hub.supplier.brand IS 'The brand.';
COMMENT ON COLUMN hub.supplier.supplier_id IS 'Short name or number of the supplier.';
COMMENT ON COLUMN hub.supplier.supplier_name IS 'Name of the supplier.';
COMMENT ON COLUMN hub.supplier.contact_name IS 'Whom to ask there; masked for who may not see personal data.';
COMMENT ON COLUMN hub.supplier.email IS 'E-mail address; masked likewise.';
COMMENT ON COLUMN hub.supplier.phone IS 'Telephone; masked likewise.';
COMMENT ON COLUMN hub.supplier.lead_time_days IS 'Days from order to delivery.';
COMMENT ON COLUMN hub.supplier.minimum_order_quantity IS 'Least units of one product per order.';
COMMENT ON COLUMN hub.supplier.minimum_order_amount IS 'Least value of a whole order.';
COMMENT ON COLUMN hub.supplier.currency IS 'Currency of the minimum.';
COMMENT ON COLUMN hub.supplier.active IS 'False: nothing is ordered there any more.';
COMMENT ON COLUMN hub.supplier.notes IS 'Notes; NULL for who may not see personal data.';
COMMENT ON COLUMN hub.supplier.products IS 'Products that are ordered there.';
COMMENT ON COLUMN hub.supplier.as_of IS 'When it was entered.';
