"""What runs the parts of a scan: processes of this machine, or Ray."""
