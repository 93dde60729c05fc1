"""The validation process: observe (bytes to facts), decide (facts to verdict), report."""
