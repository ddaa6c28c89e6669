-- What was answered to the decision that a device sent under this key?
SELECT after -> 'told' AS told FROM placement_step WHERE client_key = :client_key
