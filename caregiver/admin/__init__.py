"""Running a community: people, rota, ladders, devices, retention, audit, exports."""
