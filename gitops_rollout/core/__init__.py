"""Pure functions: tracking, traffic, assessment, decision, forecast, plan. No clock, path, environment, logger."""
