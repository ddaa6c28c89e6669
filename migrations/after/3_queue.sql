-- The job queue's own tables: delivery only, no bank data. Every role that may start a job may defer one.
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
    procrastinate_workers TO getu_work;
GRANT SELECT, INSERT ON procrastinate_jobs, procrastinate_events TO getu_head, getu_scoped, getu_ground;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO getu_work, getu_head, getu_scoped, getu_ground, getu_gate;
GRANT SELECT ON alembic_version TO PUBLIC;
