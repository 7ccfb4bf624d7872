"""What caregivers and gate staff sit in front of. Views are thin; presenters import no Qt."""
