"""`make run`: Redis, the web server and a worker under one roof.

`__main__` is the table of contents. `checks` finds out whether we can start at all, `database`
prepares the data, `redis_server` finds and describes Redis, `house` keeps the programs running and
`processes` knows what a program is.
"""
