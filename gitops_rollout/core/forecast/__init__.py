"""What KServe and Knative will make of a change: their reconcile passes, imitated one by one."""
