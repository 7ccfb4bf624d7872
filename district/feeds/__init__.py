"""What readers are handed: the cursor, the marks that know a place again, receipts and refusals."""
