"""The main job played on real input, from a face at the gate to a caregiver's screen: `./run demo`."""
