-- How far deliveries came is written often: room on the page keeps the indexes out of it.
ALTER TABLE peers SET (fillfactor = 50);
