-- Whose browser session is this, and till when does it last?
SELECT s.csrf, s.seen_at, s.expires_at, u.id, u.login, u.name, u.role, u.staff_id, u.branch_id, u.team
FROM user_session s JOIN app_user u ON u.id = s.user_id
WHERE s.token_hash = :token_hash AND u.active
