SELECT * FROM hub.inquiry_sla WHERE brand = 'wagwell' AND status IN ('New', 'In Progress', 'Escalated') ORDER BY sla_due_at LIMIT 100;
