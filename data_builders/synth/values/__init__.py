"""Values of slots: what stands in a template in place of `{slot}`."""
