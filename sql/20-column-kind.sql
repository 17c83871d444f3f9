-- What each column of the hub holds: said once, for whoever grants (agents see
-- no money), exports, erases or keeps.
--
--   key       identifies the row, or what it belongs to; names no person
--   order     id of an order
--   inquiry   id of an inquiry
--   customer  the service's id of a customer
--   customer_ref   'source/id' of a customer
--   customer_key   id of a customer, else the e-mail address in lower case
--   guest     stand-in for the customer_key of a guest
--   email, phone, name, handle   who it is, or part of it
--   person    more about the person: address, birthday, consent
--   text      free text: anything may stand in it
--   code      words that may hold a person's name, such as discount codes
--   payload   raw data as it came
--   given     when the person gave it
--   money     amounts and prices
--   fact      none of these
--
-- A column that is not here is nobody's but the owners': agents do not see it,
-- and test/sql/column_kinds.sql fails.  A column that a user has added is
-- exported and kept.
CREATE FUNCTION momentum._column_kinds(only_relation text DEFAULT NULL) RETURNS TABLE (relation text, "column" text, kind text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT t.relation, c.name, k.kind
      FROM (VALUES
        ('hub.orders', jsonb_build_object(
            'key', 'brand source',
            'order', 'order_id',
            'customer', 'customer_id',
            'customer_key', 'customer_key',
            'guest', 'guest_id',
            'email', 'email',
            'person', 'tracking_number',
            'text', 'note tags cancel_reason',
            'code', 'discount_codes',
            'given', 'created_at',
            'money', 'gross_sales discounts total_price current_total_price subtotal_price total_discounts total_shipping total_tax '
                     'total_refunded net_payment shipping_cost',
            'fact', 'name number order_day processed_at closed_at cancelled_at is_test is_adjustment is_new_customer has_selling_plan '
                    'channel currency items_sold taxes_included confirmed financial_status fulfillment_status source_name '
                    'customer_order_index order_status payment_status shipping_method shipping_title shipping_code delivery_status '
                    'shipped_at delivered_at review_request_sent customer_notified customer_satisfaction_score')),
        ('hub.order_line_items', jsonb_build_object(
            'key', 'brand source line_item_id product_id variant_id product_key',
            'order', 'order_id',
            'money', 'unit_price discount discounted_total',
            'fact', 'title name sku vendor variant_title quantity current_quantity is_gift_card selling_plan selling_plan_id')),
        ('hub.refunds', jsonb_build_object(
            'key', 'brand source refund_id',
            'order', 'order_id',
            'text', 'note',
            'money', 'returns total_refunded',
            'fact', 'refund_day refunded_at')),
        ('hub.refund_line_items', jsonb_build_object(
            'key', 'brand source refund_line_item_id refund_id line_item_id',
            'order', 'order_id',
            'money', 'subtotal total_tax',
            'fact', 'quantity restock_type')),
        ('hub.customers', jsonb_build_object(
            'key', 'brand source',
            'customer', 'customer_id',
            'customer_ref', 'duplicate_of',
            'order', 'last_order_id',
            'email', 'email',
            'phone', 'phone',
            'name', 'first_name last_name',
            'handle', 'instagram_handle',
            'person', 'city province_code country_code zip pet_name pet_birthday marketing_preferences',
            'text', 'tags customer_tags',
            'given', 'created_at',
            'money', 'amount_spent',
            'fact', 'created_day customer_since email_marketing_state state orders_count currency product_subscriber_status pet_breed')),
        ('hub.customer_inquiries', jsonb_build_object(
            'key', 'brand source thread',
            'inquiry', 'inquiry_id',
            'order', 'order_id',
            'customer', 'customer_id',
            'email', 'customer_email',
            'phone', 'customer_phone',
            'name', 'customer_name',
            'handle', 'customer_handle',
            'text', 'subject message response resolution_notes',
            'given', 'date_created',
            'fact', 'platform customer_source order_source category urgency sentiment_score status assigned_to response_sent responded_at '
                    'response_time_minutes customer_satisfaction resolved_at order_link set_by_hand triage_rule triage_confidence '
                    'routed_at link_due_at escalated_at reopened is_open')),
        ('hub.subscriptions', jsonb_build_object(
            'key', 'brand source subscription_id',
            'order', 'origin_order_id',
            'customer', 'customer_id',
            'given', 'created_at',
            'fact', 'status created_day ended_day next_billing_date currency last_payment_status billing_interval billing_interval_count')),
        ('hub.products', jsonb_build_object(
            'key', 'brand source product_id',
            'fact', 'title handle vendor product_type category status tags created_at published_at total_inventory')),
        ('hub.product_variants', jsonb_build_object(
            'key', 'brand source variant_id product_id inventory_item_id product_key',
            'money', 'price compare_at_price unit_cost',
            'fact', 'title display_name sku barcode position inventory_quantity tracked unit_cost_currency created_at current_stock '
                    'stock_committed')),
        ('hub.product_settings', jsonb_build_object(
            'key', 'brand product_key',
            'text', 'notes',
            'fact', 'category active reorder_point reorder_quantity lead_time_days primary_supplier')),
        ('hub.product_category_patterns', jsonb_build_object(
            'fact', 'brand category pattern priority')),
        ('hub.inventory_levels', jsonb_build_object(
            'key', 'brand source inventory_level_id inventory_item_id location_id',
            'fact', 'sku tracked location_name is_active available on_hand committed incoming')),
        ('hub.product_costs', jsonb_build_object(
            'key', 'brand product_key valid_from source',
            'money', 'unit_cost',
            'fact', 'currency')),
        ('hub.suppliers', jsonb_build_object(
            'key', 'brand supplier_id',
            'email', 'email',
            'phone', 'phone',
            'name', 'contact_name',
            'text', 'notes',
            'money', 'minimum_order_amount',
            'fact', 'supplier_name lead_time_days minimum_order_quantity currency active')),
        ('hub.stock_daily', jsonb_build_object(
            'key', 'brand product_key day',
            'fact', 'available was_out')),
        ('hub.product_sales_daily', jsonb_build_object(
            'key', 'brand product_key day',
            'money', 'income',
            'fact', 'units orders')),
        ('hub.costs', jsonb_build_object(
            'key', 'brand cost_id',
            'text', 'note',
            'money', 'amount',
            'fact', 'name kind basis metric channel currency valid_from valid_until')),
        ('hub.sessions_daily', jsonb_build_object(
            'key', 'brand source day channel',
            'fact', 'sessions online_store_visitors sessions_with_cart_additions sessions_that_reached_checkout '
                    'sessions_that_completed_checkout')),
        ('hub.ad_performance_daily', jsonb_build_object(
            'key', 'brand source level account_id day object_id campaign_id adset_id ad_id',
            'money', 'spend purchase_value previous_spend',
            'fact', 'platform campaign_name adset_name ad_name currency impressions clicks reach purchases restated_at')),
        ('hub.ad_budgets', jsonb_build_object(
            'key', 'brand source level object_id account_id campaign_id',
            'money', 'daily_budget lifetime_budget',
            'fact', 'platform name status is_active in_minor_unit ends_at')),
        ('hub.email_daily', jsonb_build_object(
            'key', 'brand source kind day channel object_id message_id',
            'money', 'revenue previous_revenue',
            'fact', 'events recipients delivered opens opens_unique clicks clicks_unique unsubscribes spam_complaints restated_at')),
        ('hub.email_messages', jsonb_build_object(
            'key', 'brand source kind object_id',
            'fact', 'name channel status trigger_type archived created_at send_time')),
        ('hub.email_lists', jsonb_build_object(
            'key', 'brand source list_id',
            'fact', 'name opt_in_process created_at')),
        ('hub.cash_balance', jsonb_build_object(
            'key', 'brand source tab row_number day',
            'money', 'amount',
            'fact', 'item origin')),
        ('hub.cash_flow', jsonb_build_object(
            'key', 'brand source tab row_number period day',
            'money', 'amount',
            'fact', 'item kind channel origin status replaces')),
        ('hub.payment_delay', jsonb_build_object(
            'key', 'brand source party',
            'fact', 'days invoices')),
        ('hub.retail_sales', jsonb_build_object(
            'key', 'brand source dataset retailer store_id product_id day',
            'money', 'dollars',
            'fact', 'product upc units price_basis previous_units restated_at')),
        ('hub.retail_doors', jsonb_build_object(
            'key', 'brand source dataset retailer store_id',
            'fact', 'store store_type city state zip first_day last_day')),
        -- The select lists hold words of the brand.
        ('hub.order_statuses', jsonb_build_object('fact', 'order_status description position')),
        ('hub.payment_statuses', jsonb_build_object('fact', 'payment_status description position')),
        ('hub.shipping_methods', jsonb_build_object('fact', 'shipping_method description position')),
        ('hub.pet_breeds', jsonb_build_object('fact', 'pet_breed description position')),
        ('hub.product_categories', jsonb_build_object('fact', 'category description position')),
        ('hub.inquiry_platforms', jsonb_build_object('fact', 'platform description position')),
        ('hub.inquiry_categories', jsonb_build_object('fact', 'category description position')),
        ('hub.inquiry_urgencies', jsonb_build_object('fact', 'urgency description position')),
        ('hub.inquiry_statuses', jsonb_build_object('fact', 'status description position is_open')),
        -- Of the engine room, what may speak of a person.
        ('momentum_state.dead_letter', jsonb_build_object(
            'key', 'brand id source feed item',
            'payload', 'payload body',
            'text', 'reason',
            'fact', 'origin line sqlstate attempts first_at last_at next_at replayed_at')),
        ('momentum_state.todo_log', jsonb_build_object(
            'key', 'brand log_id todo_id',
            'text', 'note',
            'fact', 'kind by_routine done_at done_by ended_at'))) AS t (relation, kinds),
           LATERAL jsonb_each_text(t.kinds) AS k (kind, names),
           LATERAL (SELECT unnest(string_to_array(k.names, ' ')) AS name
                     UNION ALL
                    SELECT unnest('{source_updated_at,content_hash,loaded_at}'::text[])
                     WHERE k.kind = 'fact' AND t.relation LIKE 'hub.%') AS c
     WHERE only_relation IS NULL OR t.relation = only_relation
$$;
COMMENT ON FUNCTION momentum._column_kinds(text) IS
    'What each column of the hub, or of one table, holds: key, order, inquiry, customer, customer_ref, customer_key, guest, email, phone, name, handle, person, text, code, payload, given, money, fact.';
REVOKE ALL ON FUNCTION momentum._column_kinds(text) FROM PUBLIC;
