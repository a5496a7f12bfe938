"""Entering an invoice: what its form shows, what somebody typed in it, and saving that."""
