# tflint --recursive --config="$PWD/.tflint.hcl", in this folder
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named after what they hold (main.cluster.tf, main.network.tf), and an example is one file.
rule "terraform_standard_module_structure" {
  enabled = false
}
