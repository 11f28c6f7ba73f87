"""The node sizes that the provider accepts for HDInsight: a closed, case-sensitive list."""

_BASIC = "ExtraSmall Small Medium Large ExtraLarge A5 A6 A7 A8 A9 A10 A11 Standard_A3"
_A_V2 = "A1 A2 A2m A3 A4 A4m A8 A8m"
_D = "D1 D2 D3 D4 D11 D12 D13 D14"
_D_V2 = "D1 D2 D3 D4 D5 D11 D12 D13 D14 DS1 DS2 DS3 DS4 DS5 DS11 DS12 DS13 DS14"
_V3 = "E2 E4 E8 E16 E20 E32 E64 E64i E2s E4s E8s E16s E20s E32s E64s E64is D2 D4 D8 D16 D32 D64 D2s D4s D8s D16s D32s D64s"
_V4 = "D2a D4a D8a D16a D32a D48a D64a D96a E2a E4a E8a E16a E20a E32a E48a E64a E96a"
_V5 = "D2ads D4ads D8ads D16ads D32ads D48ads D64ads D96ads"
_F = "F2s F4s F8s F16s F32s F64s F72s"
_LARGE = "G1 G2 G3 G4 G5 H8 H16 H16m NC24"

VM_SIZES = frozenset(
    _BASIC.split()
    + [f"Standard_{size}_V2" for size in (_A_V2 + " " + _D_V2 + " " + _F).split()]
    + [f"Standard_{size}" for size in (_D + " " + _LARGE).split()]
    + [f"Standard_{size}_V3" for size in _V3.split()]
    + [f"Standard_{size}_V4" for size in _V4.split()]
    + [f"Standard_{size}_V5" for size in _V5.split()]
)
