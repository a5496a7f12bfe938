"""A real installation to break things in: `installation` starts it, `browser` uses it, `mailbox`
gets its mails, `records` reads what it says of itself, `invariants` says what must hold whatever
happened. `moments`, `disks` and `troubles` are the faults."""
