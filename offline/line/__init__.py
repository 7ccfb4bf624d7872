"""The node's side of the line to its server: enrolment, sync rounds, the stream, the lease to sign in without it."""
