-- An inbox for the story: what some 150 of its customers asked in the last six
-- weeks, made of their own orders.  No service brings it: a brand has its
-- inquiries from a mail account or by COPY into hub.customer_inquiries.
\set QUIET 1
SET client_min_messages = warning;
CREATE TEMP TABLE said (place integer, lag integer, platform text, subject text, message text);
INSERT INTO said VALUES
    (1, 6, 'Gmail', 'Where is my order?', 'Hi, I ordered {order} almost a week ago and have not seen it yet. Can you tell me where it is? Thanks, {name}'),
    (2, 12, 'Gmail', 'Wrong size', 'Hello, the towel in {order} is too small for our dog. How do I return it and get the large one instead?'),
    (3, 9, 'Instagram', NULL, 'hey is the oatmeal shampoo ok for a 10 week old puppy? what are the ingredients 🐶'),
    (4, 4, 'Shopify', 'Order {order}', 'The tracking has not moved since Monday. When will it be delivered?'),
    (5, 15, 'Gmail', 'Leaking bottle', 'The conditioner from order {order} arrived broken and leaked all over the box. I am really disappointed, this was a gift.'),
    (6, 1, 'Gmail', 'Change of address', 'I just placed {order} and noticed that my old address is in it. Can you still change the shipping address please?'),
    (7, 20, 'SMS', NULL, 'Hi its {name}, do you ship to Canada?'),
    (8, 11, 'Facebook', NULL, 'Does the hypoallergenic shampoo contain any perfume? My cavoodle itches from everything.'),
    (9, 16, 'Gmail', 'Refund for {order}', 'I sent the brush back two weeks ago and still have no refund. Please check.'),
    (10, 8, 'Gmail', 'Thank you', 'Just wanted to say that Rufus smells wonderful. We love your shampoo, thank you!'),
    (11, 5, 'Shopify', 'Late delivery', 'Order {order} was supposed to be here on Friday. This is urgent, we leave on holiday tomorrow!'),
    (12, 13, 'Gmail', 'Cancel subscription', 'How can I pause my monthly order? I still have two bottles left.'),
    (13, 10, 'Instagram', NULL, 'third time I write!!! my parcel {order} never arrived and nobody answers. terrible service 😡'),
    (14, 18, 'Gmail', 'Which brush?', 'Which of your brushes is best for a long coat? And how often should I use the detangler?'),
    (15, 7, 'Gmail', 'Missing item', 'The paw balm was missing from my order {order}, only the shampoo was in the box.'),
    (16, 3, 'SMS', NULL, 'Can I get the tracking number for {order} please'),
    (17, 14, 'Gmail', 'Rash', 'Our dog got a rash after the first bath with your shampoo. I want my money back and I want to know what is in it.'),
    (18, 22, 'Facebook', NULL, 'Do you have a store in Boston?'),
    (19, 9, 'Gmail', 'Return', 'I would like to return {order}, unopened. Where do I send it?'),
    (20, 2, 'Gmail', 'Discount code', 'The code WELCOME10 did not work on order {order}. Could you apply it afterwards?');

-- Those of the last hours wait, as a morning finds them; what is older was
-- answered, most of it in time.
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_phone, customer_handle, customer_name,
                                    thread, subject, message, status, assigned_to, response_sent, responded_at, resolved_at, customer_satisfaction)
SELECT o.brand, 'inbox', to_char(n, '"msg-"FM000'), a.asked_at, s.platform,
       CASE WHEN s.platform IN ('Gmail', 'Shopify') THEN o.email END,
       CASE WHEN s.platform = 'SMS' THEN coalesce(c.phone, '+1212555' || to_char(n, 'FM0000')) END,
       CASE WHEN s.platform IN ('Instagram', 'Facebook') THEN lower(c.first_name) || '.and.dog' END, concat_ws(' ', c.first_name, c.last_name),
       to_char(n, '"thread-"FM000'), replace(s.subject, '{order}', o.name), replace(replace(s.message, '{order}', o.name), '{name}', c.first_name),
       CASE WHEN n > 24 THEN 'Closed' ELSE 'New' END, CASE WHEN n > 24 THEN CASE n % 3 WHEN 0 THEN 'Maya' ELSE 'Jon' END END,
       n > 24, CASE WHEN n > 24 THEN a.answered_at END, CASE WHEN n > 24 THEN a.answered_at + interval '1 day' END,
       CASE WHEN n > 24 AND n % 4 = 0 THEN 3 + n % 3 END
  FROM generate_series(1, 148) n
  JOIN said s ON s.place = 1 + (n * 7) % 20
 CROSS JOIN LATERAL (SELECT now() - CASE WHEN n <= 24 THEN n * n * interval '40 seconds' ELSE interval '12 hours' + (n - 24) * interval '8 hours' END) t (asked_at)
 CROSS JOIN LATERAL (SELECT t.asked_at, t.asked_at + (10 + (n * 37) % 140) * interval '1 minute') a (asked_at, answered_at)
 CROSS JOIN LATERAL (
    SELECT q.* FROM hub.orders q
     WHERE q.brand = 'wagwell' AND q.order_day = a.asked_at::date - s.lag AND q.cancelled_at IS NULL
     ORDER BY md5(q.order_id || n) LIMIT 1) o
  JOIN hub.customers c ON c.brand = o.brand AND c.customer_id = o.customer_id AND c.source = o.source
ON CONFLICT DO NOTHING;

-- Answers of this morning, and what became of them.
CALL momentum.refresh();
SELECT hub.answer_inquiry(i.brand, i.source, i.inquiry_id, i.date_created + interval '9 minutes', 'It is on its way.')
  FROM hub.customer_inquiries i WHERE i.brand = 'wagwell' AND i.inquiry_id IN ('msg-013', 'msg-016', 'msg-019', 'msg-021') \g /dev/null
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_phone, customer_handle, customer_name, thread, message)
SELECT i.brand, i.source, i.inquiry_id || '-2', i.date_created + interval '30 minutes', i.platform, i.customer_email, i.customer_phone, i.customer_handle, i.customer_name, i.thread,
       CASE i.inquiry_id WHEN 'msg-016' THEN 'That is what you said last week, and it still says the same.' ELSE 'Perfect, thank you so much! 🐾' END
  FROM hub.customer_inquiries i WHERE i.brand = 'wagwell' AND i.inquiry_id IN ('msg-013', 'msg-016', 'msg-019')
ON CONFLICT DO NOTHING;
CALL momentum.refresh();
