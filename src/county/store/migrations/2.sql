-- What microphones say: whether an airing was heard, why nobody can say, how loud it was (hundredths of dBFS) and how much
-- of it was found (thousandths).
ALTER TABLE fact ADD COLUMN heard TEXT;
ALTER TABLE fact ADD COLUMN doubt TEXT;
ALTER TABLE fact ADD COLUMN level_millibel BIGINT;
ALTER TABLE fact ADD COLUMN score_permille BIGINT;
