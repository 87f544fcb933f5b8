"""What can happen in the exchange. A batch goes: `receiving` (raw bytes kept, signature and sums proved) → `staging`
(every line read and compared, nothing taken: the dry run) → `limits` → `applying` (in portions, each a transaction; a
killed one goes on) → done. `deciding`: a person lets a held batch go, or drops it, or has one object tried again."""
