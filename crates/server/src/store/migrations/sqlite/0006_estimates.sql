-- Whether some of an agent's tokens are our estimate: its vendor did not tell, or a model call was cut off.
ALTER TABLE agents ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
