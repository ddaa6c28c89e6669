-- Which state of ground, people, faults, houses, customers and their service does a tile show? Any change: another answer.
SELECT getu_data_version(:plan_id, :faults_plan_id, current_user = 'getu_scoped') AS data_version;
