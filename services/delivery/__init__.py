"""How finished backups reach people."""
