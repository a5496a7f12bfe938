"""The mathematics of progress billing. Pure: no Flask, no database, no PDF."""
