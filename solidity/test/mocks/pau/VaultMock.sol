// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface VaultAssetLike {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice An ERC-4626 vault priced by its own balance, so that a donation moves the price, with knobs for lies.
contract VaultMock {
    address public asset;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    /// @dev Taken from what is paid or given, while the return value says otherwise.
    uint256 public short;

    constructor(address asset_) {
        asset = asset_;
    }

    function setAsset(address asset_) external {
        asset = asset_;
    }

    function setShort(uint256 short_) external {
        short = short_;
    }

    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        uint256 held = VaultAssetLike(asset).balanceOf(address(this));
        shares = totalSupply == 0 ? assets : assets * totalSupply / held;
        VaultAssetLike(asset).transferFrom(msg.sender, address(this), assets - short);
        totalSupply += shares;
        balanceOf[receiver] += shares;
    }

    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares) {
        uint256 held = VaultAssetLike(asset).balanceOf(address(this));
        shares = (assets * totalSupply + held - 1) / held;
        _leave(shares, owner);
        VaultAssetLike(asset).transfer(receiver, assets - short);
    }

    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets) {
        assets = shares * VaultAssetLike(asset).balanceOf(address(this)) / totalSupply;
        _leave(shares - short, owner);
        VaultAssetLike(asset).transfer(receiver, assets);
    }

    function _leave(uint256 shares, address owner) private {
        require(owner == msg.sender, "VaultMock: not the owner");
        totalSupply -= shares;
        balanceOf[owner] -= shares;
    }
}
