"""`make run`: Redis, the web server and a worker under one roof."""
