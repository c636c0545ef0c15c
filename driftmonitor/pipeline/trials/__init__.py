"""Alert rules tried on recorded or simulated days; nobody is alerted."""
