-- Answers to enrolments of the last minutes, for those who did not get theirs. proof is the question's; nothing in an answer is
-- secret, and no token follows from it without the code, which is gone.
CREATE TABLE enrolment (
    code TEXT NOT NULL,
    proof TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (code, proof)
);
