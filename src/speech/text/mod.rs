//! What is written → what is said. Pinyin leaves this room.
