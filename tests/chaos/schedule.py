"""One schedule: a command, what goes wrong in the cloud, how the command is ended, and what comes afterwards."""

import random
from dataclasses import dataclass
from typing import Any

# The command under attack; about how many requests it takes undisturbed, and how many of these change something.
COMMANDS = {
    "up": (87, 22),
    "up again": (60, 8),
    "scale": (10, 3),
    "extend": (67, 12),
    "down": (30, 18),
    "down --keep-data": (69, 11),
    "run": (117, 40),
}

_REQUESTS = ("throttled", "server error", "refused", "conflict", "answer lost", "cut off", "token expired", "slow answer")
_RESTART = ("server restart before", "server restart after")
_CREATION = ("quota", "no capacity", "no capacity, told late", "creation fails")
_DELETION = ("slow deletion", "stuck deletion", "deletion fails")
FAULTS: dict[str, tuple[str, ...]] = {
    "up": ("none", *_REQUESTS, *_RESTART, *_CREATION),
    "up again": ("none", *_REQUESTS, *_RESTART, *_CREATION),
    "scale": ("none", *_REQUESTS, *_RESTART, "quota"),
    "extend": ("none", *_REQUESTS, *_RESTART),
    "down": ("none", *_REQUESTS, *_RESTART, *_DELETION),
    "down --keep-data": ("none", *_REQUESTS, *_RESTART, *_DELETION),
    "run": ("none", *_REQUESTS, *_CREATION, *_DELETION, "training fails"),
}
SIGNALS = ("none", "none", "SIGINT", "SIGTERM", "SIGINT twice", "SIGKILL", "SIGKILL all")
AFTERWARDS = ("down", "deadline")

_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "throttled": ("throttle", {"retry_after": 1}),
    "server error": ("error", {"status": 500, "code": "InternalServerError", "message": "Told to fail."}),
    "refused": ("error", {"status": 403, "code": "AuthorizationFailed", "message": "Told to refuse."}),
    "conflict": ("error", {"status": 409, "code": "Conflict", "message": "Told to be busy."}),
    "answer lost": ("lose", {}),
    "cut off": ("drop", {}),
    "token expired": ("expired-token", {}),
    "slow answer": ("delay", {"seconds": 1.5}),
    "server restart before": ("restart", {"when": "before", "down": 0.3}),
    "server restart after": ("restart", {"when": "after", "down": 0.3}),
    "quota": ("quota", {}),
    "no capacity": ("capacity", {}),
    "no capacity, told late": ("capacity", {"late": True}),
    "creation fails": ("create-fails", {}),
    "slow deletion": ("delete-slow", {"factor": 20}),
    "stuck deletion": ("delete-stuck", {}),
    "deletion fails": ("delete-fails", {}),
}


@dataclass(frozen=True)
class Schedule:
    """Number `number` of seed `seed`. `moment` is when the signal comes, `skip` how many requests the fault spares."""

    seed: int
    number: int
    command: str
    fault: str
    methods: str
    skip: int
    times: int
    signal: str
    moment: float
    afterwards: str

    @property
    def name(self) -> str:
        """Its environment's name."""
        return f"chaos{self.number}"

    def orders(self) -> list[dict[str, Any]]:
        """The faults for the emulated Azure, on this environment only."""
        if self.fault not in _KINDS:
            return []
        kind, args = _KINDS[self.fault]
        fault: dict[str, Any] = {"kind": kind, "path": f"/aerial-ops-{self.name}(/|$)", "times": self.times, "args": args}
        return [{**fault, "method": self.methods, "skip": self.skip} if self.fault in (*_REQUESTS, *_RESTART) else fault]

    def again(self) -> str:
        """The command that repeats it alone."""
        return f"make chaos SEED={self.seed} ONLY={self.number}"


def draw(seed: int, number: int) -> Schedule:
    """Commands and faults come in turn, so that each pair comes equally often; the rest is by chance."""
    dice, commands = random.Random(f"{seed}/{number}"), tuple(COMMANDS)
    command = commands[number % len(commands)]
    faults = list(FAULTS[command])
    random.Random(f"{seed}/{command}").shuffle(faults)
    fault = faults[number // len(commands) % len(faults)]
    signal = dice.choice(SIGNALS)
    if fault == "none" and signal == "none":
        signal = dice.choice(SIGNALS[2:])
    if fault == "stuck deletion":  # Terraform waits for it until its time is up: somebody loses patience
        enough = SIGNALS[5:] if command == "run" else SIGNALS[4:]  # a run's removal outlives what came before it
        signal = signal if signal in enough else dice.choice(enough)
    writes = dice.random() < 0.7
    requests, changes = COMMANDS[command]
    return Schedule(
        seed=seed,
        number=number,
        command=command,
        fault=fault,
        methods="PUT|POST|PATCH|DELETE" if writes else "GET",
        skip=int(dice.random() * 0.8 * (changes if writes else requests - changes)),
        times=1 if fault in ("server restart before", "server restart after") else dice.choice((1, 1, 2, 4)),
        signal=signal,
        moment=dice.random() * 0.95,
        afterwards=dice.choice(AFTERWARDS),
    )
