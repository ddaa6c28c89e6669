-- Plans are made once a connection, until the end of this transaction: over many blocks planning costs more than asking.
SELECT set_config('plan_cache_mode', 'force_generic_plan', true) AS plans
