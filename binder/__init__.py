"""Files and a plan in, one PDF out. Pure: no Flask, no database."""
