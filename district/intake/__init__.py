"""Everything that homes tell the district: one shape of signal, an adapter per protocol, one desk that records."""
