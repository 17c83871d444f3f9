-- Which rows of the tables an agent touches: the inquiries of the brands whose
-- work it does, and the orders and customers these concern, by their link or
-- by e-mail.  An order whose number somebody merely wrote is not concerned.
--
-- The owner of a table passes by: sync and refresh pay nothing.  An owner by
-- grant is let through by the first policy; what a policy asks of momentum it
-- asks once per query.  Policies speak to everybody, and only so far as a
-- grant goes.  A dropped extension takes them along: row security stays on
-- and shows non-owners nothing until setup() makes them again.
ALTER TABLE hub.customer_inquiries ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS a_owner ON hub.customer_inquiries;
CREATE POLICY a_owner ON hub.customer_inquiries
    USING ((SELECT momentum._may_own())) WITH CHECK ((SELECT momentum._may_own()));
DROP POLICY IF EXISTS agent_reads ON hub.customer_inquiries;
CREATE POLICY agent_reads ON hub.customer_inquiries FOR SELECT
    USING (brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]));

ALTER TABLE hub.orders ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS a_owner ON hub.orders;
CREATE POLICY a_owner ON hub.orders
    USING ((SELECT momentum._may_own())) WITH CHECK ((SELECT momentum._may_own()));
DROP POLICY IF EXISTS agent_reads ON hub.orders;
CREATE POLICY agent_reads ON hub.orders FOR SELECT
    USING ((brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]))
           AND (EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = orders.brand AND i.order_source = orders.source AND i.order_id = orders.order_id
                           AND i.order_link IS DISTINCT FROM 'unproven')
             OR EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = orders.brand AND i.customer_source = orders.source AND i.customer_id = orders.customer_id)
             OR EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = orders.brand AND lower(i.customer_email) = lower(orders.email))));
-- What it may change is what it may read, said once more: an UPDATE that reads
-- no column passes the policies for UPDATE alone.
DROP POLICY IF EXISTS agent_works ON hub.orders;
CREATE POLICY agent_works ON hub.orders FOR UPDATE
    USING ((brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]))
           AND (EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = orders.brand AND i.order_source = orders.source AND i.order_id = orders.order_id
                           AND i.order_link IS DISTINCT FROM 'unproven')
             OR EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = orders.brand AND i.customer_source = orders.source AND i.customer_id = orders.customer_id)
             OR EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = orders.brand AND lower(i.customer_email) = lower(orders.email))));

ALTER TABLE hub.order_line_items ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS a_owner ON hub.order_line_items;
CREATE POLICY a_owner ON hub.order_line_items
    USING ((SELECT momentum._may_own())) WITH CHECK ((SELECT momentum._may_own()));
DROP POLICY IF EXISTS agent_reads ON hub.order_line_items;
CREATE POLICY agent_reads ON hub.order_line_items FOR SELECT
    USING ((brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]))
           AND EXISTS (SELECT FROM hub.orders o
                        WHERE o.brand = order_line_items.brand AND o.source = order_line_items.source
                          AND o.order_id = order_line_items.order_id));

ALTER TABLE hub.refunds ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS a_owner ON hub.refunds;
CREATE POLICY a_owner ON hub.refunds
    USING ((SELECT momentum._may_own())) WITH CHECK ((SELECT momentum._may_own()));
DROP POLICY IF EXISTS agent_reads ON hub.refunds;
CREATE POLICY agent_reads ON hub.refunds FOR SELECT
    USING ((brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]))
           AND EXISTS (SELECT FROM hub.orders o
                        WHERE o.brand = refunds.brand AND o.source = refunds.source AND o.order_id = refunds.order_id));

ALTER TABLE hub.refund_line_items ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS a_owner ON hub.refund_line_items;
CREATE POLICY a_owner ON hub.refund_line_items
    USING ((SELECT momentum._may_own())) WITH CHECK ((SELECT momentum._may_own()));
DROP POLICY IF EXISTS agent_reads ON hub.refund_line_items;
CREATE POLICY agent_reads ON hub.refund_line_items FOR SELECT
    USING ((brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]))
           AND EXISTS (SELECT FROM hub.orders o
                        WHERE o.brand = refund_line_items.brand AND o.source = refund_line_items.source
                          AND o.order_id = refund_line_items.order_id));

ALTER TABLE hub.customers ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS a_owner ON hub.customers;
CREATE POLICY a_owner ON hub.customers
    USING ((SELECT momentum._may_own())) WITH CHECK ((SELECT momentum._may_own()));
DROP POLICY IF EXISTS agent_reads ON hub.customers;
CREATE POLICY agent_reads ON hub.customers FOR SELECT
    USING ((brand = ANY ((SELECT momentum._agent_rights())::text[]) OR '*' = ANY ((SELECT momentum._agent_rights())::text[]))
           AND (EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = customers.brand AND i.customer_source = customers.source AND i.customer_id = customers.customer_id)
             OR EXISTS (SELECT FROM hub.customer_inquiries i
                         WHERE i.brand = customers.brand AND lower(i.customer_email) = lower(customers.email))));
