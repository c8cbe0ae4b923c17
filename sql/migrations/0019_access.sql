-- The rows a key may see, and until when it opens anything.
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS departments Array(String) AFTER scopes;
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS services Array(String) AFTER departments;
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS districts Array(String) AFTER services;
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS expires_at Nullable(DateTime64(3, 'UTC')) AFTER created_at;
