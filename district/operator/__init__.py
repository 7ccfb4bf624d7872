"""What an operator may ask of the running server: codes, devices, drills, figures."""
