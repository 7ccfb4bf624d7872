"""What is watched over while the district serves: signs, gates, kiosks, gateways, hubs."""
