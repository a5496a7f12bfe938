"""Signatures of invoices through a signing service, from asking to the checked signed copy."""
