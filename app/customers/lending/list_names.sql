-- Names of people whom an exception names: who asked and who decided stand on its evidence for everybody who may read it.
SELECT id, name FROM app_user WHERE id = ANY (CAST(:ids AS bigint[]))
