"""Use cases: verbs that touch models, files and mail. No request, no HTML status, no queue."""
