-- Gives the statements of this transaction a time limit in milliseconds; 0 takes it away.
SELECT set_config('statement_timeout', :limit, true)
