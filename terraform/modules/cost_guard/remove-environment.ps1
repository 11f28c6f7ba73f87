<#
.SYNOPSIS
    Removes what an aerial-ops environment has rented: first the Spark clusters, then the resource group.

.DESCRIPTION
    The dead man's switch starts this runbook at the environment's deadline, signed in as the Automation account's own
    identity. It touches nothing without the tag aerial-ops:environment = <Environment>. A group that holds anything else is
    left standing, without its clusters, and the job ends as failed so that somebody looks.

.PARAMETER ResourceGroup
    The environment's resource group.

.PARAMETER Environment
    The environment's name, as in the tag.

.PARAMETER KeepData
    "true" to stop after the clusters.
#>
param(
    [Parameter(Mandatory = $true)] [string] $ResourceGroup,
    [Parameter(Mandatory = $true)] [string] $Environment,
    [string] $KeepData = "false"
)

$ErrorActionPreference = "Stop"
$Tag = "aerial-ops:environment"
$ClusterType = "Microsoft.HDInsight/clusters"
$Attempts = 30
$PauseSeconds = 60

function Test-Ours([object] $Thing) {
    return ($null -ne $Thing.Tags) -and ($Thing.Tags[$Tag] -eq $Environment)
}

function Get-Cluster {
    return @(Get-AzResource -ResourceGroupName $ResourceGroup -ResourceType $ClusterType | Where-Object { Test-Ours $_ })
}

Connect-AzAccount -Identity | Out-Null

try {
    $group = Get-AzResourceGroup -Name $ResourceGroup
}
catch {
    # Only a group that is gone is good news; one that may not be read is not.
    if ($_.Exception.Message -notmatch "does not exist|could not be found|NotFound") { throw }
    Write-Output "Resource group $ResourceGroup does not exist. Nothing to do."
    return
}
if (-not (Test-Ours $group)) {
    throw "Resource group $ResourceGroup does not carry the tag $Tag = $Environment. Nothing was removed."
}

# A cluster that is still being created refuses to be deleted: ask again until none is left.
for ($attempt = 1; $attempt -le $Attempts; $attempt++) {
    $clusters = Get-Cluster
    if ($clusters.Count -eq 0) { break }
    foreach ($cluster in $clusters) {
        Write-Output "Deleting cluster $($cluster.Name), attempt $attempt."
        try {
            Remove-AzResource -ResourceId $cluster.ResourceId -Force | Out-Null
        }
        catch {
            Write-Warning "Cluster $($cluster.Name) was not deleted: $($_.Exception.Message)"
        }
    }
    if ((Get-Cluster).Count -gt 0) { Start-Sleep -Seconds $PauseSeconds }
}
$left = Get-Cluster
if ($left.Count -gt 0) {
    throw "Still there after $Attempts attempts, and still billed: $($left.Name -join ', ')."
}
Write-Output "No cluster is left in $ResourceGroup."

if ($KeepData -eq "true") {
    Write-Output "The data is kept, as asked."
    return
}

# Azure lists only what the identity may read: its role must be able to read everything, or it would miss what is not ours.
$foreign = @(Get-AzResource -ResourceGroupName $ResourceGroup | Where-Object { -not (Test-Ours $_) })
if ($foreign.Count -gt 0) {
    throw "Resource group $ResourceGroup was kept: it holds what is not ours: $($foreign.ResourceId -join ', ')."
}

# The group holds this Automation account too. Azure goes on with the deletion after the account, and this job, are gone.
for ($attempt = 1; $attempt -le $Attempts; $attempt++) {
    try {
        Write-Output "Deleting resource group $ResourceGroup, attempt $attempt."
        Remove-AzResourceGroup -Name $ResourceGroup -Force | Out-Null
        return
    }
    catch {
        Write-Warning "Resource group $ResourceGroup was not deleted: $($_.Exception.Message)"
        Start-Sleep -Seconds $PauseSeconds
    }
}
throw "Resource group $ResourceGroup is still there after $Attempts attempts."
