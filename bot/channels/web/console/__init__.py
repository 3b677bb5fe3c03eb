"""The console of officers and admins."""
