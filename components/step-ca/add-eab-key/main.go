// Prepares the data base of a step-ca that was never started, with "enableAdmin": one ACME provisioner that requires external
// account binding, and keys for it, which are printed as JSON. step-ca stores and checks such keys, but its administration API
// makes none outside of its makers' service.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/smallstep/certificates/acme/db/nosql"
	"github.com/smallstep/certificates/authority/admin"
	admins "github.com/smallstep/certificates/authority/admin/db/nosql"
	"github.com/smallstep/certificates/db"
	"github.com/smallstep/linkedca"
	store "github.com/smallstep/nosql"
)

type externalAccount struct {
	KeyID   string `json:"kid"`
	HMACKey string `json:"hmacKey"`
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: add-eab-key DATABASE-FOLDER PROVISIONER-NAME COUNT")
		os.Exit(2)
	}
	count, err := strconv.Atoi(os.Args[3])
	if err == nil {
		err = addKeys(os.Args[1], os.Args[2], count)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func addKeys(folder, name string, count int) (err error) {
	opened, err := db.New(&db.Config{Type: "badgerv2", DataSource: folder})
	if err != nil {
		return fmt.Errorf("the data base %s cannot be opened: %w", folder, err)
	}
	defer func() {
		if failure := opened.Shutdown(); err == nil {
			err = failure
		}
	}()
	tables, ok := opened.(store.DB)
	if !ok {
		return fmt.Errorf("the data base %s has no tables", folder)
	}
	administration, err := admins.New(tables, admin.DefaultAuthorityID)
	if err != nil {
		return fmt.Errorf("the tables of administration cannot be made: %w", err)
	}
	accounts, err := nosql.New(tables)
	if err != nil {
		return fmt.Errorf("the tables of ACME cannot be made: %w", err)
	}
	// Keys are stored by the provisioner's id, and one of the configuration file has none.
	provisioner := &linkedca.Provisioner{
		Type: linkedca.Provisioner_ACME,
		Name: name,
		Details: &linkedca.ProvisionerDetails{
			Data: &linkedca.ProvisionerDetails_ACME{ACME: &linkedca.ACMEProvisioner{RequireEab: true}},
		},
	}
	ctx := context.Background()
	if err := administration.CreateProvisioner(ctx, provisioner); err != nil {
		return fmt.Errorf("no provisioner could be made: %w", err)
	}
	made := make([]externalAccount, 0, count)
	for range count {
		key, err := accounts.CreateExternalAccountKey(ctx, provisioner.Id, "")
		if err != nil {
			return fmt.Errorf("no key could be made: %w", err)
		}
		made = append(made, externalAccount{key.ID, base64.RawURLEncoding.EncodeToString(key.HmacKey)})
	}
	return json.NewEncoder(os.Stdout).Encode(made)
}
