-- Chain the audit rows that came since the last seal; how many were they?
SELECT getu_seal_audit()
