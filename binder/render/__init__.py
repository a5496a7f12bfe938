"""Pages of ours: invoices, and the notices that stand in a backup. Plain data in, PDF bytes out."""
